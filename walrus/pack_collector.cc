#include "walrus/pack_collector.h"

#include <map>

#include "common/log/log.h"
#include "walrus/store/blobs.h"
#include "walrus/store/packs.h"

namespace angophora::walrus {
namespace {

constexpr std::size_t kBlobsPerCopy = 64;

// Reads blobs and puts them into the present pack; what cannot be read stays where it is.
Result<std::vector<NewBlob>> copy_blobs(BlobStore& store, const std::string& pack,
                                        const std::vector<Packs::Blob>& blobs) {
  std::vector<NewBlob> copies;
  for (const auto& blob : blobs) {
    TRY(const auto open, store.open(blob.id, {pack, blob.offset}));
    const auto bytes = read_whole(*open, blob.id, blob.size_bytes, blob.crc32c);
    if (!bytes) {
      log::error("packs.blob_damaged", {{"pack", pack}, {"reason", bytes.error()}});
      continue;
    }
    TRY(auto copy, store.pack_anew(blob.id, bytes.value()));
    copies.push_back(std::move(copy));
  }
  return copies;
}

Result<> move_rows(Tx& tx, const std::string& from, const std::vector<NewBlob>& copies) {
  for (const auto& copy : copies) {
    TRY_VOID(copy.settle());
    TRY(const bool moved, Packs(tx).move(copy.id, from, copy.place));
    // What was deleted meanwhile has counted in the old pack already.
    TRY_VOID(Packs(tx).add_dead(moved ? from : copy.place.pack, packed_bytes(copy.size_bytes)));
  }
  return common::ok();
}

Task<> write_anew(Services& services, std::string pack) {
  for (std::uint64_t from = 0; !services.runtime.stopping();) {
    auto list = [pack, from](Tx& tx) { return Packs(tx).blobs(pack, from, kBlobsPerCopy); };
    CO_TRY(const auto blobs, co_await services.db.read(std::move(list)));
    if (blobs.empty()) break;
    from = blobs.back().offset + 1;
    auto copy = [&store = services.blobs, pack, blobs] { return copy_blobs(store, pack, blobs); };
    CO_TRY(const auto copies, co_await services.runtime.run_blocking(std::move(copy)));
    auto move = [pack, copies](Tx& tx) { return move_rows(tx, pack, copies); };
    CO_TRY_VOID(co_await services.db.write(std::move(move)));
  }
  co_return common::ok();
}

Task<> give_back(Services& services, BlobStore::Pack pack, std::uint64_t dead_bytes) {
  if (dead_bytes < pack.size_bytes) {
    log::warn("packs.retired", {{"pack", pack.name}});
    auto retire = [&store = services.blobs, pack] { return store.retire(pack.name); };
    co_return co_await services.runtime.run_blocking(std::move(retire));
  }
  // In this order: a pack that the database has forgotten is found again, and retired.
  auto forget = [pack](Tx& tx) { return Packs(tx).forget(pack.name); };
  CO_TRY_VOID(co_await services.db.write(std::move(forget)));
  auto remove = [&store = services.blobs, pack] { return store.remove_pack(pack.name); };
  co_return co_await services.runtime.run_blocking(std::move(remove));
}

struct Astray {
  std::string id, believed_in;
  BlobPlace place;
};

// Those that the database believes in another pack, which is not there.
Result<std::vector<Astray>> find_astray(Tx& tx, const BlobStore& store, const std::string& pack,
                                        const std::vector<BlobStore::Packed>& blobs) {
  std::vector<Astray> found;
  for (const auto& blob : blobs) {
    const auto known = Blobs(tx).find(blob.id);
    if (!known && known.error().code == common::Errc::not_found) continue;
    if (!known) return known.error();
    const auto& place = known.value().place;
    const auto there = store.open(blob.id, place);
    if (there) continue;
    if (there.error().code != common::Errc::not_found) return there.error();
    found.push_back({blob.id, place.pack, {pack, blob.offset}});
  }
  return found;
}

// A database older than the pack may know its blobs from where they lay before.
Task<> adopt(Services& services, std::string pack) {
  auto list = [&store = services.blobs, pack] { return store.list_pack(pack); };
  CO_TRY(const auto blobs, co_await services.runtime.run_blocking(std::move(list)));
  auto find = [&store = services.blobs, pack, blobs](Tx& tx) {
    return find_astray(tx, store, pack, blobs);
  };
  CO_TRY(const auto astray, co_await services.db.read(std::move(find)));
  if (astray.empty()) co_return common::ok();
  log::warn("packs.found_blobs", {{"pack", pack}, {"count", astray.size()}});
  auto move = [astray](Tx& tx) -> Result<> {
    for (const auto& blob : astray) TRY_VOID(Packs(tx).move(blob.id, blob.believed_in, blob.place));
    return common::ok();
  };
  co_return co_await services.db.write(std::move(move));
}

Task<> look_at(Services& services, BlobStore::Pack pack, bool all) {
  auto ask = [pack](Tx& tx) { return Packs(tx).usage(pack.name); };
  CO_TRY(auto usage, co_await services.db.read(ask));
  if (all && usage.live_bytes == 0 && usage.dead_bytes == 0 && pack.of_earlier_start) {
    CO_TRY_VOID(co_await adopt(services, pack.name));
    CO_TRY(usage, co_await services.db.read(ask));
  }
  if (usage.live_bytes > 0 && usage.live_bytes * 2 < pack.size_bytes) {
    CO_TRY_VOID(co_await write_anew(services, pack.name));
    CO_TRY(usage, co_await services.db.read(ask));
  }
  if (usage.live_bytes == 0) co_return co_await give_back(services, pack, usage.dead_bytes);
  co_return common::ok();
}

}  // namespace

Task<> look_at_packs(Services& services, bool all) {
  auto list = [&store = services.blobs] { return store.full_packs(); };
  CO_TRY(const auto packs, co_await services.runtime.run_blocking(std::move(list)));
  auto count = [](Tx& tx) { return Packs(tx).with_dead(); };
  CO_TRY(const auto counted, co_await services.db.read(std::move(count)));
  const std::map<std::string, std::uint64_t> dead(counted.begin(), counted.end());
  for (const auto& pack : packs) {
    const auto found = dead.find(pack.name);
    const bool half_dead = found != dead.end() && found->second * 2 >= pack.size_bytes;
    if (!all && !half_dead) continue;
    CO_TRY_VOID(co_await look_at(services, pack, all));
  }
  co_return common::ok();
}

common::awaitable<void> collect_packs(Services& services) {
  for (bool all = true; !services.runtime.stopping();) {
    const auto looked = co_await look_at_packs(services, all);
    if (looked)
      all = false;
    else
      log::warn("packs.not_collected", {{"reason", looked.error()}});
    co_await services.runtime.sleep_for(services.settings.pack_collection);
  }
}

}  // namespace angophora::walrus
