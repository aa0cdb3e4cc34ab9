#include "nc/clients/cloud_images.h"

#include <algorithm>

#include "common/base/encoding.h"
#include "common/base/text.h"

namespace angophora::nc {

using common::Errc;
using common::Error;
using common::Result;
using common::Task;

namespace {

constexpr std::size_t kAesBytes = 16;
constexpr std::uint64_t kPartBytesMax = 256ull << 20;
constexpr std::size_t kPartsMax = 100'000;
constexpr std::size_t kReadBytes = 256 * 1024;

// Bundling tools write key and IV as hex digits; either form is taken.
Result<std::string> unwrap(const crypto::PrivateKey& key, const std::string& wrapped) {
  TRY(auto plain, key.decrypt_oaep(wrapped));
  if (plain.size() == 2 * kAesBytes)
    if (auto raw = common::hex_decode(plain)) plain = std::move(*raw);
  if (plain.size() != kAesBytes) return Error(Errc::corrupt, "the image's key has a wrong size");
  return plain;
}

// What only the message layer has a name for may pass: certificates and clocks get mended.
Error passing(Error error) {
  const auto& own = make_error_code(Errc::internal).category();
  if (error.code.category() != own) error.code = make_error_code(Errc::unavailable);
  return error;
}

// With what Walrus says about it: which object it was, and what became of it.
Task<std::string> refused(http::ClientResponse response, ImageId id, std::uint32_t index) {
  constexpr std::size_t kSentenceBytesMax = 2000;
  const auto said = co_await response.body->read_all(kSentenceBytesMax);
  auto sentence = said ? std::string(common::trim(said.value())) : std::string();
  while (sentence.ends_with('\n')) sentence.pop_back();
  const int status = response.status;
  const auto what = "Walrus answered " + std::to_string(status) + " to part " +
                    std::to_string(index) + " of image " + id.value;
  // A node that just enrolled may not be known to Walrus yet.
  const bool gone = status == 404 || status == 410;
  co_return Error(gone ? Errc::not_found : Errc::unavailable,
                  sentence.empty() ? what : what + ": " + sentence);
}

Result<std::vector<ImagePart>> parts_from(const std::vector<cloud__imagePart>& wire) {
  if (wire.empty() || wire.size() > kPartsMax)
    return Error(Errc::corrupt, "the image has " + std::to_string(wire.size()) + " parts");
  std::vector<ImagePart> parts;
  for (const auto& part : wire) {
    if (part.index < 0 || part.sizeBytes <= 0)
      return Error(Errc::corrupt, "the image has a part without a place or size");
    parts.push_back({static_cast<std::uint32_t>(part.index), part.sha1,
                     static_cast<std::uint64_t>(part.sizeBytes)});
  }
  std::sort(parts.begin(), parts.end(),
            [](const ImagePart& a, const ImagePart& b) { return a.index < b.index; });
  for (std::size_t i = 0; i < parts.size(); ++i)
    if (parts[i].index != i) return Error(Errc::corrupt, "the image's parts have gaps");
  return parts;
}

Task<std::string> read_part(http::BodyReader& body, std::uint64_t size_bytes) {
  std::string bytes;
  bytes.reserve(size_bytes);
  std::string buffer(kReadBytes, '\0');
  for (;;) {
    const std::span<char> into(buffer);
    CO_TRY(const auto count, co_await body.read(into));
    if (count == 0) break;
    if (bytes.size() + count > size_bytes)
      co_return Error(Errc::corrupt, "it is longer than " + std::to_string(size_bytes) + " bytes");
    bytes.append(buffer, 0, count);
  }
  if (bytes.size() != size_bytes)
    co_return Error(Errc::corrupt, "it has " + std::to_string(bytes.size()) + " bytes instead of " +
                                       std::to_string(size_bytes));
  co_return bytes;
}

}  // namespace

CloudImages::CloudImages(common::Runtime& runtime, Neighbours neighbours, Send send,
                         crypto::PrivateKey encryption_key)
    : runtime_(runtime),
      neighbours_(std::move(neighbours)),
      send_(std::move(send)),
      encryption_key_(std::move(encryption_key)) {}

Task<ImageKey> CloudImages::get_key(ImageWish wish) {
  soap::cloud::GetImageKey::Request request;
  request.instanceId = wish.instance.value;
  request.placementNo = wish.placement_no;
  request.imageId = wish.image.id.value;
  auto to = neighbours_.cloud;
  auto asked = co_await soap::call<soap::cloud::GetImageKey>(neighbours_.channel, std::move(to),
                                                             std::move(request));
  if (!asked) co_return passing(std::move(asked).assume_error());
  auto reply = std::move(asked).assume_value();
  if (reply.sizeBytes < 0) co_return Error(Errc::corrupt, "the image's size is negative");
  auto open = [key = encryption_key_, reply]() -> Result<ImageKey> {
    ImageKey image;
    TRY(image.key, unwrap(key, reply.wrappedKey));
    TRY(image.iv, unwrap(key, reply.wrappedIv));
    image.sha1_hex = reply.sha1;
    image.size_bytes = static_cast<std::uint64_t>(reply.sizeBytes);
    TRY(image.parts, parts_from(reply.parts));
    return image;
  };
  co_return co_await runtime_.run_blocking(std::move(open));
}

Task<std::string> CloudImages::fetch_part(ImageId id, ImagePart part) {
  if (part.size_bytes > kPartBytesMax)
    co_return Error(Errc::limit_exceeded, "a part of image " + id.value + " has " +
                                              std::to_string(part.size_bytes) + " bytes");
  const auto peers = neighbours_.peers.peers();
  const soap::Peer* walrus = nullptr;
  for (const auto* peer : peers->all())
    if (peer->role == soap::Role::walrus) walrus = peer;
  if (!walrus) co_return Error(Errc::unavailable, "the registry knows no Walrus");
  http::ClientRequest request;
  request.url.tls = true;
  request.url.host = walrus->host;
  request.url.port = walrus->port;
  request.url.target = "/images/" + id.value + "/parts/" + std::to_string(part.index);
  request.peer_sha256 = walrus->certificate.sha256_thumbprint();
  request.idempotent = true;
  auto sent = co_await send_(std::move(request));
  if (!sent) co_return passing(std::move(sent).assume_error());
  auto response = std::move(sent).assume_value();
  if (response.status != 200)
    co_return co_await refused(std::move(response), std::move(id), part.index);
  co_return co_await read_part(*response.body, part.size_bytes);
}

}  // namespace angophora::nc
