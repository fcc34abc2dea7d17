// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package children applies the objects that a parent owns, and keeps them in their desired state. It uses server-side apply, after an ownership
// check, and sends no request if nothing would change.
//
// Server-side apply does not check ownership: it would take over existing objects. An object that this process has not applied yet is therefore
// read from the API server first, and is not touched unless the parent is its controller. From then on, every apply contains the object's UID,
// so that the API server refuses it if the object was deleted and recreated by somebody else.
package children
