"""The recorder: cameras kept running, their images kept, shown and proven, on a listener of its own."""
