//! cxform-rules
