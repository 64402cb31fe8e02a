//! cxform-plan
