// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package conformance runs cases from the tests and docs of other products with the code of the product: the events are appended to an embedded
// store, the query becomes a JourneyMap and a MetricReport, and the code of the analysis job evaluates them. A case can ask only for what the two
// kinds support. There is no separate engine for tests.
//
// A file is a JSON array of cases. Each has an id, a kind, events, a query and an expected result. docs/conformance.md describes the schema. Each
// kind has a file in this package and an entry in kinds.
package conformance
