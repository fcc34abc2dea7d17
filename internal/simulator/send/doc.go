// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package send delivers the requests of a simulated world over HTTP, each at least once. Requests that are refused for now, or not answered at all,
// are encoded and sent again.
package send
