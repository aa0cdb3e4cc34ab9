#include "sc/clients/walrus_snapshots.h"

#include <algorithm>

#include "common/base/text.h"

namespace angophora::sc {
namespace {

using common::Errc;

constexpr std::size_t kSentenceBytesMax = 200'000;  // the numbers of missing chunks among them

std::string chunk_target(const ChunkName& name) { return "/chunks/" + chunks::to_hex(name); }
std::string map_target(const SnapshotId& id) { return "/maps/" + id.value; }

// What only the message layer has a name for may pass: certificates and clocks get mended.
Error passing(Error error) {
  const auto& own = make_error_code(Errc::internal).category();
  if (error.code.category() != own || error.code == Errc::permission_denied)
    error.code = make_error_code(Errc::unavailable);
  return error;
}

Errc errc_of(int status) {
  switch (status) {
    case 404:
      return Errc::not_found;
    case 400:
    case 413:
      return Errc::invalid_argument;
    case 507:
      return Errc::limit_exceeded;
    default:
      return Errc::unavailable;  // one that just enrolled may not be known to Walrus yet
  }
}

Result<std::vector<std::uint32_t>> parse_numbers(std::string_view text) {
  std::vector<std::uint32_t> numbers;
  for (const auto line : common::split(common::trim(text), '\n')) {
    if (line.empty()) continue;
    const auto number = common::parse_number<std::uint32_t>(line);
    if (!number) return Error(Errc::corrupt, "Walrus names no chunks: " + std::string(line));
    numbers.push_back(*number);
  }
  if (numbers.empty()) return Error(Errc::corrupt, "Walrus refuses a map and names no chunk");
  return numbers;
}

}  // namespace

Task<WalrusSnapshots::Answer> WalrusSnapshots::ask(std::string method, std::string target,
                                                   std::string body, std::vector<int> accepted,
                                                   std::size_t bytes_max) {
  const auto peers = peers_.peers();
  const soap::Peer* walrus = nullptr;
  for (const auto* peer : peers->all())
    if (peer->role == soap::Role::walrus) walrus = peer;
  if (!walrus) co_return Error(Errc::unavailable, "the registry knows no Walrus");
  http::ClientRequest request;
  request.method = method;
  request.url.tls = true;
  request.url.host = walrus->host;
  request.url.port = walrus->port;
  request.url.target = target;
  request.peer_sha256 = walrus->certificate.sha256_thumbprint();
  request.body = std::move(body);
  request.idempotent = true;
  auto sent = co_await send_(std::move(request));
  if (!sent) co_return passing(std::move(sent).assume_error());
  auto response = std::move(sent).assume_value();
  Answer answer;
  answer.status = response.status;
  answer.volume_bytes = std::string(response.headers.get("X-Angophora-Volume-Bytes"));
  const bool good = std::find(accepted.begin(), accepted.end(), answer.status) != accepted.end();
  auto read = co_await response.body->read_all(good ? bytes_max : kSentenceBytesMax);
  if (!read) co_return passing(std::move(read).assume_error());
  answer.body = std::move(read).assume_value();
  if (good) co_return answer;
  auto said = answer.body.substr(0, 1000);
  while (said.ends_with('\n')) said.pop_back();
  co_return Error(errc_of(answer.status), "Walrus answered " + std::to_string(answer.status) +
                                              " to " + method + " " + target +
                                              (said.empty() ? "" : ": " + said));
}

Task<bool> WalrusSnapshots::has(ChunkName name) {
  std::vector<int> accepted{200, 404};
  CO_TRY(const auto answer,
         co_await ask("HEAD", chunk_target(name), "", std::move(accepted), kSentenceBytesMax));
  co_return answer.status == 200;
}

Task<> WalrusSnapshots::put(ChunkName name, std::string bytes) {
  std::vector<int> accepted{204};
  CO_TRY_VOID(co_await ask("PUT", chunk_target(name), std::move(bytes), std::move(accepted),
                           kSentenceBytesMax));
  co_return common::ok();
}

Task<std::string> WalrusSnapshots::get(ChunkName name) {
  std::vector<int> accepted{200};
  CO_TRY(auto answer,
         co_await ask("GET", chunk_target(name), "", std::move(accepted), chunks::kChunkBytes));
  auto check = [name, bytes = std::move(answer.body)]() mutable -> Result<std::string> {
    if (chunks::name_of(bytes) == name) return std::move(bytes);
    return Error(Errc::corrupt, "Walrus has other bytes as chunk " + chunks::to_hex(name));
  };
  co_return co_await runtime_.run_blocking(std::move(check));
}

Task<std::vector<std::uint32_t>> WalrusSnapshots::put_map(SnapshotId id, ChunkMap map) {
  auto encode = [map = std::move(map)]() -> Result<std::string> { return chunks::encode(map); };
  CO_TRY(auto body, co_await runtime_.run_blocking(std::move(encode)));
  std::vector<int> accepted{204, 409};
  CO_TRY(const auto answer, co_await ask("PUT", map_target(id), std::move(body),
                                         std::move(accepted), kSentenceBytesMax));
  if (answer.status == 204) co_return std::vector<std::uint32_t>();
  co_return parse_numbers(answer.body);
}

Task<ChunkMap> WalrusSnapshots::get_map(SnapshotId id) {
  std::vector<int> accepted{200};
  CO_TRY(auto answer,
         co_await ask("GET", map_target(id), "", std::move(accepted), chunks::kMapBytesMax));
  auto decode = [bytes = std::move(answer.body)] { return chunks::decode(bytes); };
  co_return co_await runtime_.run_blocking(std::move(decode));
}

Task<> WalrusSnapshots::remove(SnapshotId id) {
  std::vector<int> accepted{204};
  CO_TRY_VOID(co_await ask("DELETE", map_target(id), "", std::move(accepted), kSentenceBytesMax));
  co_return common::ok();
}

Task<std::uint64_t> WalrusSnapshots::hold(SnapshotId id, std::string holder) {
  std::vector<int> accepted{204};
  const auto target = map_target(id) + "/holders/" + holder;
  CO_TRY(const auto answer,
         co_await ask("PUT", target, "", std::move(accepted), kSentenceBytesMax));
  const auto bytes = common::parse_number<std::uint64_t>(answer.volume_bytes);
  if (!bytes) co_return Error(Errc::corrupt, "Walrus does not say how large " + id.value + " is");
  co_return *bytes;
}

Task<> WalrusSnapshots::let_go(SnapshotId id, std::string holder) {
  std::vector<int> accepted{204};
  const auto target = map_target(id) + "/holders/" + holder;
  CO_TRY_VOID(co_await ask("DELETE", target, "", std::move(accepted), kSentenceBytesMax));
  co_return common::ok();
}

}  // namespace angophora::sc
