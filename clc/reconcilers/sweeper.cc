#include "clc/reconcilers/sweeper.h"

#include "clc/store/images.h"
#include "clc/store/instances.h"
#include "clc/store/registrations.h"
#include "common/log/log.h"

namespace angophora::clc {

// A registration takes seconds; what is older was cut off by a crash.
constexpr std::chrono::minutes kAdmissionLimit{10};

common::awaitable<void> Sweeper::run() {
  while (!shared_.runtime.stopping()) {
    const auto swept = co_await sweep();
    if (!swept) log::warn("sweep.failed", {{"reason", swept.error()}});
    co_await shared_.runtime.sleep_for(shared_.times.sweep_every);
  }
}

Task<> Sweeper::sweep() {
  const auto until = shared_.runtime.now() - std::chrono::duration_cast<std::chrono::milliseconds>(
                                                 shared_.times.terminated_shown);
  const auto purge = [until](Tx& tx) { return Instances(tx).purge(until); };
  CO_TRY(const auto ids, co_await shared_.db.write(purge));
  shared_.table.forget(ids);
  for (const auto& id : ids) log::debug("instance.forgotten", {{"instance", id}});
  co_return co_await sweep_images();
}

Task<> Sweeper::sweep_images() {
  const auto stale = shared_.runtime.now() - kAdmissionLimit;
  const auto list = [stale](Tx& tx) -> Result<std::vector<ImageId>> {
    TRY(auto unused, Images(tx).unused_retired());
    TRY(const auto abandoned, Images(tx).admissions_before(stale));
    unused.insert(unused.end(), abandoned.begin(), abandoned.end());
    return unused;
  };
  CO_TRY(const auto ids, co_await shared_.db.read(list));
  if (ids.empty()) co_return common::ok();
  const auto services = [](Tx& tx) { return Registrations(tx).list(); };
  CO_TRY(const auto registered, co_await shared_.db.read(services));
  ServiceName walrus;
  for (const auto& service : registered)
    if (service.type == ServiceType::walrus) walrus = service.name;
  for (const auto& id : ids) {
    if (!walrus.empty()) CO_TRY_VOID(co_await shared_.walrus.forget_image(walrus, id));
    // A retired image starts no instance, so it is still unused.
    const auto remove = [id](Tx& tx) -> Result<> {
      TRY_VOID(Images(tx).forget_admission(id));
      return Images(tx).remove(id);
    };
    CO_TRY_VOID(co_await shared_.db.write(remove));
    log::info("image.forgotten", {{"image", id}});
  }
  co_return common::ok();
}

}  // namespace angophora::clc
