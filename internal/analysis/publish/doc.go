// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package publish writes results into the status of an object on the API server, by server-side apply. It knows nothing of journeys.
package publish
