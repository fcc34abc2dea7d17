// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package publish writes results to the status of an object on the API server, by server-side apply. It is independent of journeys.
package publish
