// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package sample

// Stage is what the sample map shows of one of its stages.
type Stage struct {
	Name                        string
	Entered, Converted, Dropped int64
	DropOff                     string
}

// What config/samples show when the file was sent to them and nothing else was. docs/install.md prints these numbers, too.
const (
	Accepted   = 874
	Customers  = 240
	Conversion = "0.0750"
	WorstStage = "intent"
	WorstDrop  = "0.6400"
)

// Stages of the map omnichannel-retail.
var Stages = []Stage{
	{"awareness", 240, 160, 80, "0.3333"},
	{"consideration", 160, 100, 60, "0.3750"},
	{"intent", 100, 36, 64, "0.6400"},
	{"purchase", 36, 18, 18, "0.5000"},
	{"loyalty", 18, 18, 0, "0.0000"},
}

// KPIs of the report retail-kpis.
var KPIs = map[string]string{
	"purchase-conversion":    "0.3600",
	"consideration-drop-off": "0.3750",
	"average-order-value":    "80.00",
	"net-promoter-score":     "40.0",
	"support-chats":          "8",
	"orders-per-checkout":    "0.4000",
}
