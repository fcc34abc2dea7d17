// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package children brings the objects that a parent owns to their desired state, and keeps them there: by server-side
// apply, after looking whose an object is, and without a request when nothing would change.
//
// Server-side apply is no ownership check: it would take over what it finds. So an object that this process has not
// applied yet is read from the API server first, and left alone unless the parent is its controller. From then on the object's UID
// goes along with every apply, so that one that was deleted and created again by somebody else is refused by the API server itself.
package children
