// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package chart applies what the Helm chart renders to a real API server.
package chart
