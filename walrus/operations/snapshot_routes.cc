#include "walrus/operations/snapshot_routes.h"

#include "common/base/text.h"
#include "common/log/log.h"
#include "common/soap/soap_server.h"

namespace angophora::walrus {
namespace {

using common::Errc;

constexpr const char* kVolumeBytes = "X-Angophora-Volume-Bytes";

http::Response answer(int status, std::string text = {}) {
  http::Response response;
  response.status = status;
  if (!text.empty()) response.headers.add("Content-Type", "text/answer");
  if (!text.empty()) response.body = text + "\n";
  return response;
}

int snapshot_status(const Error& error) {
  if (error.code == Errc::not_found) return 404;
  if (error.code == Errc::corrupt || error.code == Errc::invalid_argument) return 400;
  if (error.code == Errc::limit_exceeded) return 413;
  if (error.code == Errc::unavailable) return 503;
  if (error.code == S3Errc::insufficient_storage) return 507;
  return 500;
}

struct Call {
  ChunkStore& chunks;
  Services& services;
  http::Request& request;
  std::vector<std::string> words;  // of the path, without the empty one in front
};

Task<http::Response> serve_chunk(Call& call) {
  CO_TRY(const auto name, chunks::parse_name(call.words[1]));
  const auto& method = call.request.method;
  if (method == "HEAD") {
    CO_TRY(const bool there, co_await call.chunks.has(name));
    co_return answer(there ? 200 : 404);
  }
  if (method == "PUT") {
    CO_TRY(auto bytes, co_await call.request.body->read_all(chunks::kChunkBytes));
    CO_TRY_VOID(co_await call.chunks.put(name, std::move(bytes)));
    co_return answer(204);
  }
  if (method != "GET") co_return answer(405, "a chunk is not open to " + method);
  CO_TRY(auto open, co_await call.chunks.open(name));
  const ByteRange all{0, open.object.size_bytes};
  auto response = answer(200);
  response.headers.add("Content-Type", "application/octet-stream");
  CO_TRY_VOID(set_content(call.services, std::move(open), all, response));
  co_return response;
}

Task<http::Response> put_map(Call& call, std::string id) {
  CO_TRY(auto bytes, co_await call.request.body->read_all(chunks::kMapBytesMax));
  auto work = [bytes = std::move(bytes)] { return chunks::decode(bytes); };
  CO_TRY(auto map, co_await call.services.runtime.run_blocking(std::move(work)));
  CO_TRY(const auto missing, co_await call.chunks.put_map(std::move(id), std::move(map)));
  if (missing.empty()) co_return answer(204);
  std::string lines;
  for (const auto number : missing) lines += std::to_string(number) + "\n";
  lines.pop_back();
  co_return answer(409, std::move(lines));
}

Task<http::Response> serve_map(Call& call) {
  const auto& id = call.words[1];
  const auto& method = call.request.method;
  if (method == "PUT") co_return co_await put_map(call, id);
  if (method == "DELETE") {
    CO_TRY_VOID(co_await call.chunks.remove_map(id));
    log::info("snapshot_map.removed", {{"snapshot", id}});
    co_return answer(204);
  }
  if (method != "GET") co_return answer(405, "a map is not open to " + method);
  CO_TRY(auto map, co_await call.chunks.get_map(id));
  auto work = [map = std::move(map)]() -> Result<std::string> { return chunks::encode(map); };
  auto response = answer(200);
  response.headers.add("Content-Type", "application/octet-stream");
  CO_TRY(response.body, co_await call.services.runtime.run_blocking(std::move(work)));
  co_return response;
}

Task<http::Response> serve_holder(Call& call) {
  const auto& id = call.words[1];
  const auto& holder = call.words[3];
  if (call.request.method == "DELETE") {
    CO_TRY_VOID(co_await call.chunks.let_go(id, holder));
    co_return answer(204);
  }
  if (call.request.method != "PUT") co_return answer(405, "only PUT and DELETE are offered here");
  CO_TRY(const auto bytes, co_await call.chunks.hold(id, holder));
  auto response = answer(204);
  response.headers.add(kVolumeBytes, std::to_string(bytes));
  co_return response;
}

Task<http::Response> route(Call& call) {
  const auto& words = call.words;
  if (words.size() == 2 && words[0] == "chunks") co_return co_await serve_chunk(call);
  if (words[0] == "maps" && words.size() >= 2 && chunks::is_snapshot_id(words[1])) {
    if (words.size() == 2) co_return co_await serve_map(call);
    if (words.size() == 4 && words[2] == "holders" &&
        (chunks::is_volume_id(words[3]) || chunks::is_snapshot_id(words[3])))
      co_return co_await serve_holder(call);
  }
  co_return answer(404, "there is nothing here");
}

std::vector<std::string> words_of(std::string_view path) {
  const auto parts = common::split(path.substr(1), '/');
  return {parts.begin(), parts.end()};
}

}  // namespace

bool is_snapshot_path(std::string_view path) {
  return path.starts_with("/chunks/") || path.starts_with("/maps/");
}

boost::asio::awaitable<http::Response> serve_snapshots(ChunkStore& chunks, const soap::Peers& peers,
                                                       Services& services, http::Request& request) {
  const auto peer = soap::peer_of(peers, request.peer);
  if (!peer || peer->role != soap::Role::storage) {
    log::warn("snapshot.refused", {{"peer", request.peer.address},
                                   {"name", peer ? peer->name.value : "unknown certificate"},
                                   {"path", request.path()}});
    auto refusal = answer(403, "snapshots are for enrolled storage controllers");
    refusal.close = true;
    co_return refusal;
  }
  Call call{chunks, services, request, words_of(request.path())};
  auto response = co_await route(call);
  if (response) co_return std::move(response).assume_value();
  const auto status = snapshot_status(response.error());
  log::warn("snapshot.failed", {{"storage", peer->name},
                                {"method", request.method},
                                {"path", request.path()},
                                {"reason", response.error()}});
  co_return answer(status, status == 500 ? "internal error" : response.error().message);
}

}  // namespace angophora::walrus
