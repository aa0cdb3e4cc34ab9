#include "walrus/s3/rewrite.h"

#include <algorithm>

#include "common/crypto/aes.h"
#include "walrus/domain/object.h"
#include "walrus/s3/content.h"
#include "walrus/s3/receive.h"

namespace angophora::walrus {
namespace {

constexpr std::uint64_t kPieceBytes = 256 * 1024;
constexpr int kPiecesPerStep = 32;  // so that one copy does not keep a thread for long

// Shared with the pool, one step after another.
struct Work {
  BlobStore& blobs;
  std::string name;
  std::vector<Segment> left;  // last one first
  std::string from, to;
  bool writes = true;
  Hasher hasher;
  std::optional<Draft> draft = {};
  std::optional<crypto::AesCtr> cipher = {};
};

Result<> write_piece(Work& work, std::string& piece) {
  if (!work.draft) {
    TRY(auto draft, work.blobs.draft(work.name, std::nullopt));
    work.draft.emplace(std::move(draft));
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
    auto& segment = work.left.back();
    Segment piece = segment;
    piece.length = std::min(piece.length, kPieceBytes);
    segment.offset += piece.length;
    segment.length -= piece.length;
    if (segment.length == 0) work.left.pop_back();
    TRY(auto bytes, read_segment(work.blobs, nullptr, piece, work.from));
    work.hasher.add(bytes);
    if (work.writes) TRY_VOID(write_piece(work, bytes));
  }
  if (!work.left.empty()) return true;
  if (work.draft) TRY_VOID(work.draft->keep());
  return false;
}

Task<> run(Services& services, std::shared_ptr<Work> work) {
  for (bool more = true; more;) {
    auto job = [work] { return step(*work); };
    CO_TRY(more, co_await services.runtime.run_blocking(std::move(job)));
  }
  co_return common::ok();
}

std::shared_ptr<Work> work_of(Services& services, std::vector<Segment> content, std::string from,
                              std::optional<ChecksumKind> checksum) {
  std::erase_if(content, [](const Segment& segment) { return segment.length == 0; });
  std::reverse(content.begin(), content.end());
  return std::make_shared<Work>(Work{services.blobs,
                                     new_blob_name(services.runtime),
                                     std::move(content),
                                     std::move(from),
                                     {},
                                     true,
                                     Hasher(false, checksum)});
}

}  // namespace

Task<Rewritten> rewrite_content(Services& services, std::vector<Segment> content, std::string from,
                                std::string to, std::optional<ChecksumKind> checksum) {
  const auto work = work_of(services, std::move(content), std::move(from), checksum);
  work->to = std::move(to);
  CO_TRY_VOID(co_await run(services, work));
  Rewritten done;
  if (work->draft) done.content.push_back({work->draft->id(), 0, work->draft->size_bytes()});
  done.digests = work->hasher.finish();
  co_return done;
}

Task<Digests> hash_content(Services& services, std::vector<Segment> content, std::string key,
                           std::optional<ChecksumKind> checksum) {
  const auto work = work_of(services, std::move(content), std::move(key), checksum);
  work->writes = false;
  CO_TRY_VOID(co_await run(services, work));
  co_return work->hasher.finish();
}

}  // namespace angophora::walrus
