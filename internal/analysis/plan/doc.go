// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plan turns the document of a run into what the run does: the plan of the engine and the request for a scan of the store. It knows the
// API and the journey packages, and reads nothing but the state of the store that it is given.
package plan
