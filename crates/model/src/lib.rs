//! cxform-model
