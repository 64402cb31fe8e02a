//! cxform-apply
