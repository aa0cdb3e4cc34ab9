// The routes on which storage controllers bring and fetch snapshots:
//
//   HEAD, PUT, GET  /chunks/NAME                  bytes of up to 1 MiB; NAME is their SHA-256 in
//   hex PUT, GET, DELETE  /maps/SNAPSHOT              common/chunks has the form; 409 with the
//   numbers of
//                                                 the chunks that are not there, a line each
//   PUT, DELETE     /maps/SNAPSHOT/holders/ID     while held, a map and its chunks stay
//
// A PUT of a holder answers with the volume's size in X-Angophora-Volume-Bytes.
#pragma once

#include "common/soap/peers.h"
#include "walrus/chunks/chunk_store.h"

namespace angophora::walrus {

bool is_snapshot_path(std::string_view path);
// 403 unless the peer is an enrolled storage controller.
boost::asio::awaitable<http::Response> serve_snapshots(ChunkStore& chunks, const soap::Peers& peers,
                                                       Services& services, http::Request& request);

}  // namespace angophora::walrus
