// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package conformance runs cases that were taken from other products' tests and documents, through the real path: the
// events go into an embedded store, the question becomes a JourneyMap and a MetricReport, and the analysis job's own code
// scans and evaluates. A case asks for nothing that the two kinds cannot say; there is no engine for tests.
//
// A file is a JSON array of cases. Each has an id, a kind, events, a query and what is expected; docs/conformance.md gives the
// schema. A kind has a file here and a line in kinds.
package conformance
