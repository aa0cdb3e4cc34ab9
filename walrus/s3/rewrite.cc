#include "walrus/s3/rewrite.h"

#include <algorithm>

#include "common/crypto/aes.h"
#include "walrus/domain/object.h"
#include "walrus/s3/content.h"
#include "walrus/s3/receive.h"

namespace angophora::walrus {
namespace {

constexpr std::uint64_t kBytesPerPiece = 256 * 1024;
constexpr int kPiecesPerStep = 32;  // so that one copy does not keep a thread for long

// Shared with the pool, one step after another.
struct Work {
  BlobStore& blobs;
  std::shared_ptr<Verifier> verifier;
  std::string name;
  std::vector<OpenSegment> left;  // last one first
  std::uint64_t size_bytes = 0;
  std::string from, to;
  bool writes = true;
  Hasher hasher;
  std::unique_ptr<Draft> draft = {};
  std::optional<NewBlob> kept = {};
  std::optional<crypto::AesCtr> cipher = {};
};

Result<> write_piece(Work& work, std::string& piece) {
  if (!work.draft) {
    TRY(work.draft, work.blobs.draft(work.name, work.size_bytes));
    if (!work.to.empty()) {
      TRY(auto cipher, crypto::AesCtr::make(work.to, blob_iv(work.draft->id()), 0));
      work.cipher.emplace(std::move(cipher));
    }
  }
  if (work.cipher) work.cipher->apply(piece.data(), piece.size());
  return work.draft->write(piece);
}

// True when there is more to do.
Result<bool> step(Work& work) {
  for (int i = 0; i < kPiecesPerStep && !work.left.empty(); ++i) {
    auto& segment = work.left.back().segment;
    auto piece = work.left.back();
    auto& length = piece.segment.length;
    length = std::min(length, kBytesPerPiece);
    segment.offset += length;
    segment.length -= length;
    if (segment.length == 0) work.left.pop_back();
    TRY(auto bytes, read_segment(work.blobs, *work.verifier, piece, work.from));
    work.hasher.add(bytes);
    if (work.writes) TRY_VOID(write_piece(work, bytes));
  }
  if (!work.left.empty()) return true;
  if (work.draft) {
    TRY(auto kept, work.draft->keep());
    work.kept = std::move(kept);
  }
  return false;
}

Task<> run(Services& services, std::shared_ptr<Work> work) {
  for (bool more = true; more;) {
    auto job = [work] { return step(*work); };
    CO_TRY(more, co_await services.runtime.run_blocking(std::move(job)));
  }
  co_return common::ok();
}

std::shared_ptr<Work> work_of(Services& services, std::vector<OpenSegment> content,
                              std::string from, std::optional<ChecksumKind> checksum) {
  std::uint64_t size_bytes = 0;
  for (const auto& open : content) size_bytes += open.segment.length;
  std::erase_if(content, [](const auto& open) { return open.segment.length == 0; });
  std::reverse(content.begin(), content.end());
  return std::make_shared<Work>(Work{services.blobs,
                                     services.verifier,
                                     new_blob_name(services.runtime),
                                     std::move(content),
                                     size_bytes,
                                     std::move(from),
                                     {},
                                     true,
                                     Hasher(false, checksum)});
}

}  // namespace

Task<Rewritten> rewrite_content(Services& services, std::vector<Segment> content, std::string from,
                                std::string to, std::optional<ChecksumKind> checksum) {
  CO_TRY(auto open, co_await open_content(services, std::move(content)));
  const auto work = work_of(services, std::move(open), std::move(from), checksum);
  work->to = std::move(to);
  CO_TRY_VOID(co_await run(services, work));
  Rewritten done;
  if (work->kept) done.content.push_back(segment_of(std::move(*work->kept)));
  done.digests = work->hasher.finish();
  co_return done;
}

Task<Digests> hash_content(Services& services, std::vector<Segment> content, std::string key,
                           std::optional<ChecksumKind> checksum) {
  CO_TRY(auto open, co_await open_content(services, std::move(content)));
  const auto work = work_of(services, std::move(open), std::move(key), checksum);
  work->writes = false;
  CO_TRY_VOID(co_await run(services, work));
  co_return work->hasher.finish();
}

}  // namespace angophora::walrus
