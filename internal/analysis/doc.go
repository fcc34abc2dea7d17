// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package analysis is the analysis job. It reads the document that the operator wrote for one JourneyMap or MetricReport, plans a scan of the
// store, runs the journey maths over it, stores the result in the store, and writes the status of the object. Only the job writes results; only
// the operator writes conditions.
//
// This package contains the run, lists of customers, documents and exit codes. The packages below it build on each other: plan turns the
// document into work, feed passes rows to the engine, result formats its sums as a status, and publish writes that to the API server.
package analysis
