//! cxform-tenant
