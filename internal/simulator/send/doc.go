// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package send delivers the requests of a simulated world over HTTP, each at least once: what is refused for now, or
// not answered at all, is written again and sent again.
package send
