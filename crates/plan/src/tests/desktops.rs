//! desktops
