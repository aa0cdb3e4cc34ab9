// GET /images/IMAGE/parts/N: a part of an admitted image, as it was when it was admitted.
#include <optional>

#include "common/base/encoding.h"
#include "common/base/text.h"
#include "common/log/log.h"
#include "common/soap/soap_server.h"
#include "walrus/domain/conditions.h"
#include "walrus/operations/operations.h"
#include "walrus/s3/content.h"
#include "walrus/store/images.h"
#include "walrus/store/objects.h"

namespace angophora::walrus {
namespace {

using common::Errc;

struct PartName {
  common::ImageId image;
  int number = 0;
};

// "/images/emi-1/parts/0"
std::optional<PartName> parse_part_path(std::string_view path) {
  const auto words = common::split(path, '/');
  if (words.size() != 5 || !words[0].empty() || words[1] != "images" || words[3] != "parts")
    return std::nullopt;
  const auto number = common::parse_number<int>(words[4]);
  if (words[2].empty() || !number || *number < 0) return std::nullopt;
  return PartName{common::ImageId(std::string(words[2])), *number};
}

http::Response plain(int status, std::string text) {
  http::Response response;
  response.status = status;
  response.headers.add("Content-Type", "text/plain");
  response.body = text + "\n";
  return response;
}

int status_of(const Error& error) {
  if (error.code == Errc::not_found) return 404;
  if (error.code == Errc::corrupt) return 410;
  if (error.code == S3Errc::invalid_range) return 416;
  return 500;
}

// The object behind a part. Errc::corrupt when it is no longer the one that was admitted.
Result<Object> find_part(Tx& tx, const PartName& name) {
  TRY(const auto part, Images(tx).part(name.image, name.number));
  TRY(auto object, Objects(tx).find_if_there(part.first, part.second.key));
  const bool is_same =
      object && object->etag == part.second.etag && object->size_bytes == part.second.size_bytes;
  if (is_same && object->encryption.empty()) return std::move(*object);
  const std::string what = is_same ? "encrypted by the store" : object ? "overwritten" : "deleted";
  return Error(Errc::corrupt, "part " + std::to_string(name.number) + " of image " +
                                  name.image.value + " (" + part.first + "/" + part.second.key +
                                  ") was " + what + " since the image was registered");
}

Task<http::Response> send_part(Services& services, const http::Request& request, PartName name) {
  FindObject find = [name](Tx& tx) { return find_part(tx, name); };
  CO_TRY(auto open, co_await open_object(services, std::move(find)));
  const auto size = open.object.size_bytes;
  CO_TRY(const auto asked, parse_range(request.headers.get("range"), size));
  const auto range = asked.value_or(ByteRange{0, size});
  http::Response response;
  response.status = asked ? 206 : 200;
  response.headers.add("Content-Type", "application/octet-stream");
  response.headers.add("ETag", "\"" + open.object.etag + "\"");
  if (asked)
    response.headers.add("Content-Range", "bytes " + std::to_string(range.first) + "-" +
                                              std::to_string(range.first + range.length - 1) + "/" +
                                              std::to_string(size));
  CO_TRY_VOID(set_content(services, std::move(open), range, response));
  co_return response;
}

}  // namespace

bool is_image_part_path(std::string_view path) { return parse_part_path(path).has_value(); }

boost::asio::awaitable<http::Response> serve_image_part(Services& services,
                                                        const soap::Peers& peers,
                                                        http::Request& request) {
  const auto peer = soap::peer_of(peers, request.peer);
  if (!peer || peer->role != soap::Role::node) {
    log::warn("image_part.refused", {{"peer", request.peer.address},
                                     {"name", peer ? peer->name.value : "unknown certificate"},
                                     {"path", request.path()}});
    co_return plain(403, "the parts of images are for enrolled nodes");
  }
  const auto name = parse_part_path(request.path());
  if (!name) co_return plain(404, "there is nothing here");
  if (request.method != "GET") co_return plain(405, "only GET is offered here");
  auto response = co_await send_part(services, request, *name);
  if (response) co_return std::move(response).assume_value();
  log::warn("image_part.failed", {{"node", peer->name},
                                  {"image", name->image},
                                  {"part", name->number},
                                  {"reason", response.error()}});
  const auto status = status_of(response.error());
  co_return plain(status, status == 500 ? "internal error" : response.error().message);
}

}  // namespace angophora::walrus
