// Copyright The Journeyman Authors.
// SPDX-License-Identifier: Apache-2.0

package server

import (
	"net/http"

	"github.com/journeyman-dev/journeyman/internal/store/wire"
)

// route is a call of the protocol.
type route struct {
	pattern, name string
	role          role
	serve         func(http.ResponseWriter, *http.Request) error
}

func (s *Server) routes() []route {
	return []route{
		{"POST " + wire.PathAppend, "append", roleAppend, s.append},
		{"GET " + wire.PathCursors, "cursors", roleAppend, s.cursors},
		{"POST " + wire.PathReport, "report", roleAppend, s.report},
		{"POST " + wire.PathScan, "scan", roleScan, s.scan},
		{"GET " + wire.PathState, "state", roleScan, s.state},
		{"POST " + wire.PathResults, "putResult", roleScan, s.putResult},
		{"GET " + wire.PathResults, "results", roleScan, s.results},
		{"POST " + wire.PathPins, "pin", roleScan, s.pin},
		{"DELETE " + wire.PathPins, "unpin", roleScan, s.unpin},
		{"POST " + wire.PathErase, "erase", roleAdmin, s.erase},
		{"POST " + wire.PathErasures + "/plan", "planErasure", roleAdmin, s.planErasure},
		{"POST " + wire.PathErasures, "eraseAsPlanned", roleAdmin, s.eraseAsPlanned},
		{"GET " + wire.PathErasures, "receipts", roleAdmin, s.receipts},
		{"POST " + wire.PathSplit, "split", roleAdmin, s.split},
		{"POST " + wire.PathRetain, "retain", roleAdmin, s.retain},
		{"POST " + wire.PathRemovals + "/plan", "planRemoval", roleAdmin, s.planRemoval},
		{"POST " + wire.PathRemovals, "remove", roleAdmin, s.remove},
	}
}

// Handler returns the handler of the calls of pods, each with its own key. It has no calls of administrators, and does not accept the admin key.
func (s *Server) Handler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		if r.role != roleAdmin {
			s.handle(mux, r)
		}
	}
	return mux
}

// AdminHandler returns the handler of the whole protocol, for the admin key only.
func (s *Server) AdminHandler() http.Handler {
	mux := http.NewServeMux()
	for _, r := range s.routes() {
		r.role = roleAdmin
		s.handle(mux, r)
	}
	return mux
}

func (s *Server) handle(mux *http.ServeMux, r route) {
	mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) {
		s.guard(w, req, r.name, r.role, r.serve)
	})
}
