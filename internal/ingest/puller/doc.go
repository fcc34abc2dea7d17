// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package puller runs the reader of a source that fetches its documents: it reads a batch, converts it like a request, appends it together with the
// moves of its cursors, and settles it with the broker. Nothing further is read while the store does not accept a batch.
package puller
