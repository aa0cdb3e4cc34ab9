#include "walrus/s3/content.h"

#include <unistd.h>

#include <algorithm>
#include <cerrno>

#include "common/crypto/aes.h"

namespace angophora::walrus {
namespace {

constexpr int kAttemptsMax = 8;
constexpr std::size_t kPieceBytes = 256 * 1024;

// Opens the file in the transaction's own thread: between reading the row and opening nothing
// else can come but a removal, which shows as Errc::not_found.
Result<OpenObject> open_in(Tx& tx, const BlobStore& blobs, const FindObject& find) {
  OpenObject open;
  TRY(open.object, find(tx));
  if (open.object.content.size() != 1) return open;
  TRY(open.file, blobs.open_blob(open.object.content[0].blob));
  return open;
}

std::shared_ptr<void> lease_of(Services& services, const Object& object) {
  BlobLeases::Blobs blobs;
  for (const auto& segment : object.content) blobs.push_back(segment.blob);
  return services.leases.hold(std::move(blobs));
}

// Reads a list of segments piece by piece.
struct SegmentReader {
  Services& services;
  std::shared_ptr<void> lease;
  std::shared_ptr<const int> file;  // of a single segment
  std::string data_key;
  std::vector<Segment> left;  // last one first
};

Task<std::string> next_piece(std::shared_ptr<SegmentReader> reader) {
  if (reader->left.empty()) co_return std::string();
  auto& segment = reader->left.back();
  Segment piece = segment;
  piece.length = std::min<std::uint64_t>(piece.length, kPieceBytes);
  segment.offset += piece.length;
  segment.length -= piece.length;
  if (segment.length == 0) reader->left.pop_back();
  auto work = [reader, piece] {
    return read_segment(reader->services.blobs, reader->file, piece, reader->data_key);
  };
  co_return co_await reader->services.runtime.run_blocking(std::move(work));
}

}  // namespace

Result<std::string> read_segment(const BlobStore& blobs, std::shared_ptr<const int> file,
                                 const Segment& segment, const std::string& data_key) {
  if (!file) {
    TRY(file, blobs.open_blob(segment.blob));
  }
  std::string piece(segment.length, '\0');
  std::size_t done = 0;
  while (done < piece.size()) {
    const auto n = ::pread(*file, piece.data() + done, piece.size() - done,
                           static_cast<off_t>(segment.offset + done));
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return common::errno_error(errno, "reading blob " + segment.blob);
    if (n == 0)
      return Error(common::Errc::corrupt, "blob " + segment.blob + " is shorter than it must be");
    done += static_cast<std::size_t>(n);
  }
  if (data_key.empty()) return piece;
  TRY(auto cipher, crypto::AesCtr::make(data_key, blob_iv(segment.blob), segment.offset));
  cipher.apply(piece.data(), piece.size());
  return piece;
}

Task<OpenObject> open_object(Services& services, FindObject find) {
  for (int attempt = 0;; ++attempt) {
    auto read = [&blobs = services.blobs, find](Tx& tx) { return open_in(tx, blobs, find); };
    auto open = co_await services.db.read(std::move(read));
    if (!open) {
      if (open.error().code == common::Errc::not_found && attempt < kAttemptsMax) continue;
      co_return std::move(open).assume_error();
    }
    auto& object = open.value().object;
    if (object.content.size() < 2) co_return std::move(open).assume_value();
    // Leased now; if the row still says the same, nothing was removed before the lease.
    open.value().lease = lease_of(services, object);
    CO_TRY(const auto again, co_await services.db.read(find));
    if (again.content == object.content) co_return std::move(open).assume_value();
    if (attempt == kAttemptsMax)
      co_return Error(S3Errc::operation_aborted,
                      "The object is being replaced again and again. Please try again.");
  }
}

void set_content(Services& services, OpenObject open, ByteRange range, http::Response& response) {
  if (range.length == 0) return;
  auto pieces = cut(open.object.content, range.first, range.length);
  if (open.file && open.data_key.empty()) {
    response.body = http::FileRange{std::move(open.file), pieces[0].offset, pieces[0].length};
    return;
  }
  std::reverse(pieces.begin(), pieces.end());
  auto reader = std::make_shared<SegmentReader>(
      SegmentReader{services, std::move(open.lease), std::move(open.file), std::move(open.data_key),
                    std::move(pieces)});
  response.headers.set("Content-Length", std::to_string(range.length));
  response.body = http::BodySource([reader] { return next_piece(reader); });
}

}  // namespace angophora::walrus
