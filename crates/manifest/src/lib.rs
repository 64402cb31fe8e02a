//! cxform-manifest
