// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package analysis is the analysis job: it reads the document that the operator wrote for one JourneyMap or MetricReport,
// plans a scan of the store, runs the journey maths over it, keeps the result in the store and writes the status of the
// object. It alone writes results; the operator alone writes conditions.
//
// This package is the face: the run, lists of customers, documents and exit codes. Below it, each standing on the one before: plan turns
// the document into work, feed brings rows to the engine, result writes its sums as a status; publish brings that to the API server.
package analysis
