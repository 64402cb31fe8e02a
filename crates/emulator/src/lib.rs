//! cxform-emulator
