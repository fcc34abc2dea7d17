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
	// serveAdmin replaces serve for the admin key; nil for the same.
	serveAdmin func(http.ResponseWriter, *http.Request) error
}

func (s *Server) routes() []route {
	load, anyLoad := loadCalls{Server: s}, loadCalls{Server: s, admin: true}
	return []route{
		{pattern: "POST " + wire.PathAppend, name: "append", role: roleAppend, serve: s.append},
		{pattern: "GET " + wire.PathCursors, name: "cursors", role: roleAppend, serve: s.cursors},
		{pattern: "POST " + wire.PathReport, name: "report", role: roleAppend, serve: s.report},
		{pattern: "POST " + wire.PathLoads, name: "beginLoad", role: roleAppend, serve: load.begin, serveAdmin: anyLoad.begin},
		{pattern: "POST " + wire.PathLoads + "/parts", name: "loadPart", role: roleAppend, serve: load.part, serveAdmin: anyLoad.part},
		{pattern: "POST " + wire.PathLoads + "/commit", name: "commitLoad", role: roleAppend, serve: load.commit, serveAdmin: anyLoad.commit},
		{pattern: "GET " + wire.PathLoads, name: "load", role: roleAppend, serve: s.load},
		{pattern: "DELETE " + wire.PathLoads, name: "endLoad", role: roleAppend, serve: load.end, serveAdmin: anyLoad.end},
		{pattern: "POST " + wire.PathScan, name: "scan", role: roleScan, serve: s.scan},
		{pattern: "GET " + wire.PathState, name: "state", role: roleScan, serve: s.state},
		{pattern: "POST " + wire.PathResults, name: "putResult", role: roleScan, serve: s.putResult},
		{pattern: "GET " + wire.PathResults, name: "results", role: roleScan, serve: s.results},
		{pattern: "POST " + wire.PathPins, name: "pin", role: roleScan, serve: s.pin},
		{pattern: "DELETE " + wire.PathPins, name: "unpin", role: roleScan, serve: s.unpin},
		{pattern: "POST " + wire.PathErase, name: "erase", role: roleAdmin, serve: s.erase},
		{pattern: "POST " + wire.PathErasures + "/plan", name: "planErasure", role: roleAdmin, serve: s.planErasure},
		{pattern: "POST " + wire.PathErasures, name: "eraseAsPlanned", role: roleAdmin, serve: s.eraseAsPlanned},
		{pattern: "GET " + wire.PathErasures, name: "receipts", role: roleAdmin, serve: s.receipts},
		{pattern: "POST " + wire.PathSplit, name: "split", role: roleAdmin, serve: s.split},
		{pattern: "POST " + wire.PathRetain, name: "retain", role: roleAdmin, serve: s.retain},
		{pattern: "POST " + wire.PathRemovals + "/plan", name: "planRemoval", role: roleAdmin, serve: s.planRemoval},
		{pattern: "POST " + wire.PathRemovals, name: "remove", role: roleAdmin, serve: s.remove},
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
		if r.serveAdmin != nil {
			r.serve = r.serveAdmin
		}
		s.handle(mux, r)
	}
	return mux
}

func (s *Server) handle(mux *http.ServeMux, r route) {
	mux.HandleFunc(r.pattern, func(w http.ResponseWriter, req *http.Request) {
		s.guard(w, req, r.name, r.role, r.serve)
	})
}
