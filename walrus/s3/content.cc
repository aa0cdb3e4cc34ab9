#include "walrus/s3/content.h"

#include <algorithm>

#include "common/crypto/aes.h"
#include "walrus/store/blobs.h"

namespace angophora::walrus {
namespace {

constexpr int kAttemptsMax = 8;
constexpr std::size_t kPieceBytes = 256 * 1024;
constexpr std::size_t kReadAtOnceBytes = 64 * 1024;

Result<OpenSegment> open_segment(Tx& tx, const BlobStore& blobs, const Verifier& verifier,
                                 const Segment& segment) {
  OpenSegment open{segment};
  const bool known = verifier.knows(segment.blob);
  if (known && !is_packed(segment.blob)) return open;
  TRY(const auto found, Blobs(tx).find(segment.blob));
  if (!known && found.crc32c != kUnknownCrc) open.check = {found.size_bytes, found.crc32c};
  if (is_packed(segment.blob)) {
    TRY(open.blob, blobs.open(segment.blob, found.place));
  }
  return open;
}

// Blocks.
Result<> check(Verifier& verifier, const OpenBlob& blob, const OpenSegment& open) {
  if (!open.check || verifier.knows(open.segment.blob)) return common::ok();
  TRY_VOID(check_blob(blob, open.segment.blob, *open.check));
  verifier.add(open.segment.blob);
  return common::ok();
}

// Small and alone: read here, where a thread may wait for the disk, and judged.
Result<std::string> read_small(Tx& tx, const BlobStore& blobs, const Segment& segment) {
  TRY(const auto found, Blobs(tx).find(segment.blob));
  TRY(const auto blob, blobs.open(segment.blob, found.place));
  return read_whole(*blob, segment.blob, found.size_bytes, found.crc32c);
}

Result<std::vector<OpenSegment>> open_segments(Tx& tx, const BlobStore& blobs,
                                               const Verifier& verifier,
                                               const std::vector<Segment>& content) {
  std::vector<OpenSegment> all;
  for (const auto& segment : content) {
    TRY(auto open, open_segment(tx, blobs, verifier, segment));
    all.push_back(std::move(open));
  }
  return all;
}

// Opens in the transaction's own thread: between reading the row and opening nothing else can come
// but a removal, which shows as Errc::not_found.
Result<OpenObject> open_in(Tx& tx, const BlobStore& blobs, const Verifier& verifier,
                           const FindObject& find) {
  OpenObject open;
  TRY(open.object, find(tx));
  const auto& content = open.object.content;
  const bool is_whole =
      content.size() == 1 && content[0].offset == 0 && content[0].length == open.object.size_bytes;
  if (is_whole && is_packed(content[0].blob) && content[0].length <= kReadAtOnceBytes) {
    TRY(auto bytes, read_small(tx, blobs, content[0]));
    open.bytes = std::move(bytes);
    return open;
  }
  TRY(open.content, open_segments(tx, blobs, verifier, content));
  if (content.size() == 1 && !open.content[0].blob) {
    TRY(open.content[0].blob, blobs.open(content[0].blob, {}));
  }
  return open;
}

std::shared_ptr<void> lease_of(Services& services, const Object& object) {
  BlobLeases::Blobs blobs;
  for (const auto& segment : object.content) blobs.push_back(segment.blob);
  return services.leases.hold(std::move(blobs));
}

Result<> decrypt(const std::string& data_key, const std::string& blob, std::uint64_t offset,
                 std::string& bytes) {
  if (data_key.empty()) return common::ok();
  TRY(auto cipher, crypto::AesCtr::make(data_key, blob_iv(blob), offset));
  cipher.apply(bytes.data(), bytes.size());
  return common::ok();
}

// Reads a list of segments piece by piece.
struct SegmentReader {
  Services& services;
  std::shared_ptr<void> lease;
  std::string data_key;
  std::vector<OpenSegment> left;  // last one first
};

Task<std::string> next_piece(std::shared_ptr<SegmentReader> reader) {
  if (reader->left.empty()) co_return std::string();
  auto& segment = reader->left.back().segment;
  OpenSegment piece = reader->left.back();
  piece.segment.length = std::min<std::uint64_t>(piece.segment.length, kPieceBytes);
  segment.offset += piece.segment.length;
  segment.length -= piece.segment.length;
  if (segment.length == 0) reader->left.pop_back();
  auto work = [reader, piece] {
    return read_segment(reader->services.blobs, *reader->services.verifier, piece,
                        reader->data_key);
  };
  co_return co_await reader->services.runtime.run_blocking(std::move(work));
}

// Before the first byte of an object that is sent straight from its file.
Task<> check_single(Services& services, const OpenObject& open) {
  if (open.content.empty() || !open.content[0].check) co_return common::ok();
  auto work = [verifier = services.verifier, segment = open.content[0]] {
    return check(*verifier, *segment.blob, segment);
  };
  co_return co_await services.runtime.run_blocking(std::move(work));
}

// The bytes [first, first + length) of `content`.
std::vector<OpenSegment> cut_open(const std::vector<OpenSegment>& content, ByteRange range) {
  std::vector<OpenSegment> pieces;
  std::uint64_t at = 0;
  for (const auto& open : content) {
    const auto begin = std::max(range.first, at);
    const auto end = std::min(range.first + range.length, at + open.segment.length);
    if (begin < end) {
      auto piece = open;
      piece.segment.offset += begin - at;
      piece.segment.length = end - begin;
      pieces.push_back(std::move(piece));
    }
    at += open.segment.length;
  }
  return pieces;
}

}  // namespace

Result<std::string> read_segment(const BlobStore& blobs, Verifier& verifier,
                                 const OpenSegment& open, const std::string& data_key) {
  const auto& segment = open.segment;
  auto blob = open.blob;
  if (!blob) {
    TRY(blob, blobs.open(segment.blob, {}));
  }
  TRY_VOID(check(verifier, *blob, open));
  std::string piece(segment.length, '\0');
  TRY_VOID(blob->read(segment.offset, piece));
  TRY_VOID(decrypt(data_key, segment.blob, segment.offset, piece));
  return piece;
}

Task<std::vector<OpenSegment>> open_content(Services& services, std::vector<Segment> content) {
  for (int attempt = 0;; ++attempt) {
    auto read = [&s = services, content](Tx& tx) {
      return open_segments(tx, s.blobs, *s.verifier, content);
    };
    auto open = co_await services.db.read(std::move(read));
    // A pack may have been written anew just then.
    const bool gone = !open && open.error().code == common::Errc::not_found;
    if (!gone || attempt == kAttemptsMax) co_return open;
  }
}

Task<OpenObject> open_object(Services& services, FindObject find) {
  for (int attempt = 0;; ++attempt) {
    auto read = [&s = services, find](Tx& tx) { return open_in(tx, s.blobs, *s.verifier, find); };
    auto open = co_await services.db.read(std::move(read));
    if (!open) {
      if (open.error().code == common::Errc::not_found && attempt < kAttemptsMax) continue;
      co_return std::move(open).assume_error();
    }
    auto& object = open.value().object;
    if (object.content.size() < 2) {
      CO_TRY_VOID(co_await check_single(services, open.value()));
      co_return std::move(open).assume_value();
    }
    // Leased now; if the row still says the same, nothing was removed before the lease.
    open.value().lease = lease_of(services, object);
    CO_TRY(const auto again, co_await services.db.read(find));
    if (again.content == object.content) co_return std::move(open).assume_value();
    if (attempt == kAttemptsMax)
      co_return Error(S3Errc::operation_aborted,
                      "The object is being replaced again and again. Please try again.");
  }
}

Result<> set_content(Services& services, OpenObject open, ByteRange range,
                     http::Response& response) {
  if (range.length == 0) return common::ok();
  if (open.bytes) {
    auto bytes = open.bytes->substr(range.first, range.length);
    TRY_VOID(decrypt(open.data_key, open.object.content[0].blob, range.first, bytes));
    response.body = std::move(bytes);
    return common::ok();
  }
  auto pieces = cut_open(open.content, range);
  if (pieces.size() == 1 && pieces[0].blob && open.data_key.empty()) {
    const auto& segment = pieces[0].segment;
    if (auto file = pieces[0].blob->file(segment.offset, segment.length)) {
      response.body = std::move(*file);
      return common::ok();
    }
  }
  std::reverse(pieces.begin(), pieces.end());
  auto reader = std::make_shared<SegmentReader>(
      SegmentReader{services, std::move(open.lease), std::move(open.data_key), std::move(pieces)});
  response.headers.set("Content-Length", std::to_string(range.length));
  response.body = http::BodySource([reader] { return next_piece(reader); });
  return common::ok();
}

}  // namespace angophora::walrus
