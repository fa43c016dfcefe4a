"""Speaking through a camera's loudspeaker (interpellation sonore): who may, one at a time, traced; no sound is kept."""
