// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

// Package funnel sums up one period of a map: the attempts that count, stage by stage, and how much of what customers did the map covers. It takes
// events, touches and attempts; of persons and rows it knows nothing.
package funnel
