"""The préfet's authorisations of camera systems on a screen: listed, added, renewed, withdrawn (L252-1, L252-4)."""
