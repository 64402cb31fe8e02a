//! selecting
