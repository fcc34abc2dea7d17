// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package plan turns the document of a run into the plan of the engine and the request for a scan of the store. It uses the API and the journey
// packages, and reads nothing but the given state of the store.
package plan
