#include "walrus/scrubber.h"

#include <algorithm>

#include "common/crypto/crc.h"
#include "common/log/log.h"
#include "walrus/store/blobs.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kBlobsPerStep = 64;
constexpr std::uint64_t kPieceBytes = 1 << 20;
constexpr std::uint64_t kLeastCost = 64 * 1024;  // of a blob, however small
constexpr auto kLookEvery = std::chrono::minutes(1);

std::string list_of(const std::vector<std::string>& names) {
  std::string list;
  for (const auto& name : names) list += (list.empty() ? "" : ", ") + name;
  return list;
}

// The next piece of a blob, from the disk itself and not from memory where the driver can.
Result<std::uint32_t> read_piece(const OpenBlob& blob, std::uint64_t at, std::uint64_t length,
                                 std::uint32_t before) {
  std::string piece(length, '\0');
  blob.drop_cached(at, length);
  TRY_VOID(blob.read(at, piece));
  return crypto::crc32c(piece, before);
}

}  // namespace

Scrubber::Scrubber(Services& services, admin::Metrics& metrics)
    : s_(services),
      blobs_(metrics.counter("walrus_scrubbed_blobs_total", "Blobs that the scrubber has read.")),
      bytes_(metrics.counter("walrus_scrubbed_bytes_total", "Bytes that the scrubber has read.")),
      damaged_(metrics.gauge("walrus_damaged_blobs",
                             "Blobs whose bytes are not those that were kept, or are missing.")),
      finished_(metrics.gauge("walrus_scrub_finished_seconds",
                              "When the scrubber last had read everything, in Unix time.")) {}

common::awaitable<void> Scrubber::pause(std::uint64_t bytes) {
  const std::uint64_t rate = std::uint64_t{s_.settings.scrub_mib_per_s} << 20;
  if (rate == 0) co_return;
  co_await s_.runtime.sleep_for(std::chrono::microseconds(bytes * 1'000'000 / rate));
}

Task<Scrubber::Finding> Scrubber::check(Scrubs::Row row) {
  Finding finding;
  finding.row = row;
  auto open = [&store = s_.blobs, row] { return store.open(row.id, row.place); };
  const auto opened = co_await s_.runtime.run_blocking(std::move(open));
  if (!opened) {
    // Perhaps it was deleted or moved since it was listed: write_down() looks.
    finding.damage = opened.error().message;
    co_return finding;
  }
  for (std::uint64_t at = 0; at < row.size_bytes && !s_.runtime.stopping(); at += kPieceBytes) {
    const auto length = std::min(kPieceBytes, row.size_bytes - at);
    auto work = [blob = opened.value(), at, length, before = finding.crc32c] {
      return read_piece(*blob, at, length, before);
    };
    const auto crc = co_await s_.runtime.run_blocking(std::move(work));
    if (!crc) {
      finding.damage = crc.error().message;
      co_return finding;
    }
    finding.crc32c = crc.value();
    co_await pause(length);
  }
  if (s_.runtime.stopping()) co_return Error(common::Errc::cancelled, "the daemon stops");
  if (row.crc32c != kUnknownCrc && finding.crc32c != row.crc32c)
    finding.damage = "its bytes are not those that were kept";
  co_return finding;
}

// What lies elsewhere now, or nowhere, was not damaged; what should be there and is not, is.
Task<> Scrubber::write_down(Scrubs::Progress progress, std::vector<Finding> findings) {
  struct Outcome {
    std::vector<Finding> fresh;
    std::uint64_t damaged = 0;
  };
  auto write = [progress, findings, now = s_.runtime.now()](Tx& tx) -> Result<Outcome> {
    Outcome outcome;
    Scrubs scrubs(tx);
    for (const auto& finding : findings) {
      const auto there = Blobs(tx).find(finding.row.id);
      if (!there && there.error().code == common::Errc::not_found) continue;
      if (!there) return there.error();
      if (there.value().place != finding.row.place) continue;
      if (finding.damage.empty()) {
        TRY_VOID(scrubs.remove_damage(finding.row.id));
        if (finding.row.crc32c == kUnknownCrc)
          TRY_VOID(scrubs.learn(finding.row.id, finding.crc32c));
        continue;
      }
      TRY(const bool fresh, scrubs.add_damage(finding.row.id, now, finding.damage));
      if (fresh) outcome.fresh.push_back(finding);
    }
    TRY_VOID(scrubs.save(progress));
    TRY(outcome.damaged, scrubs.count_damage());
    return outcome;
  };
  CO_TRY(const auto outcome, co_await s_.db.write(std::move(write)));
  damaged_.set(static_cast<double>(outcome.damaged));
  for (const auto& finding : outcome.fresh) CO_TRY_VOID(co_await tell(finding));
  co_return common::ok();
}

Task<> Scrubber::tell(Finding finding) {
  auto find = [blob = finding.row.id](Tx& tx) { return Scrubs(tx).victims(blob); };
  CO_TRY(const auto victims, co_await s_.db.read(std::move(find)));
  const auto& place = finding.row.place;
  log::error("scrub.damage", {{"blob", finding.row.id},
                              {"pack", place.pack},
                              {"offset", place.offset},
                              {"reason", finding.damage},
                              {"objects", list_of(victims)}});
  co_return common::ok();
}

Task<bool> Scrubber::begin_round(Scrubs::Progress progress) {
  const auto now = s_.runtime.now();
  if (now - progress.begun < s_.settings.scrub_every) co_return false;
  Scrubs::Progress fresh;
  fresh.under_way = true;
  fresh.begun = now;
  auto save = [fresh](Tx& tx) { return Scrubs(tx).save(fresh); };
  CO_TRY_VOID(co_await s_.db.write(std::move(save)));
  co_return true;
}

Task<> Scrubber::end_round(Scrubs::Progress progress) {
  progress.under_way = false;
  auto write = [progress](Tx& tx) -> Result<std::uint64_t> {
    TRY_VOID(Scrubs(tx).save(progress));
    return Scrubs(tx).count_damage();
  };
  CO_TRY(const auto damaged, co_await s_.db.write(std::move(write)));
  damaged_.set(static_cast<double>(damaged));
  finished_.set(static_cast<double>(s_.runtime.now().time_since_epoch().count()) / 1000);
  log::info("scrub.finished",
            {{"blobs", progress.blobs}, {"bytes", progress.bytes}, {"damaged", damaged}});
  co_return common::ok();
}

Task<bool> Scrubber::step() {
  auto look = [](Tx& tx) { return Scrubs(tx).progress(); };
  CO_TRY(auto progress, co_await s_.db.read(std::move(look)));
  if (!progress.under_way) co_return co_await begin_round(progress);
  auto list = [progress](Tx& tx) { return Scrubs(tx).next(progress, kBlobsPerStep); };
  CO_TRY(const auto rows, co_await s_.db.read(std::move(list)));
  if (rows.empty()) {
    CO_TRY_VOID(co_await end_round(progress));
    co_return false;
  }
  std::vector<Finding> findings;
  for (const auto& row : rows) {
    CO_TRY(auto finding, co_await check(row));
    if (!finding.damage.empty()) s_.verifier->forget(row.id);
    findings.push_back(std::move(finding));
    if (row.place.pack.empty())
      progress.after_blob = row.id;
    else
      progress.after = row.place;
    ++progress.blobs;
    progress.bytes += row.size_bytes;
    blobs_.add();
    bytes_.add(row.size_bytes);
    if (row.size_bytes < kLeastCost) co_await pause(kLeastCost - row.size_bytes);
  }
  CO_TRY_VOID(co_await write_down(progress, std::move(findings)));
  co_return true;
}

common::awaitable<void> Scrubber::run() {
  if (s_.settings.scrub_mib_per_s == 0) co_return;
  auto count = [](Tx& tx) { return Scrubs(tx).count_damage(); };
  const auto damaged = co_await s_.db.read(std::move(count));
  if (damaged) damaged_.set(static_cast<double>(damaged.value()));
  while (!s_.runtime.stopping()) {
    const auto stepped = co_await step();
    if (!stepped && stepped.error().code != common::Errc::cancelled)
      log::warn("scrub.failed", {{"reason", stepped.error()}});
    const bool rest = !stepped || !stepped.value();
    const common::Duration pause = std::min<common::Duration>(kLookEvery, s_.settings.scrub_every);
    if (rest) co_await s_.runtime.sleep_for(pause);
  }
}

}  // namespace angophora::walrus
