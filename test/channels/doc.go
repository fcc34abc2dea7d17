// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package channels runs recorded requests of other systems through ingestion: an HTTP server with the configuration of a source, authentication,
// mapping, and the embedded store. It compares the response and the stored events with what each sample expects.
package channels
