#include "clc/reconcilers/instance_figures.h"

namespace angophora::clc {

void publish_figures(const InstanceTable& table, admin::Metrics& metrics) {
  for (const auto& [key, count] : table.counts()) {
    const auto& [zone, state] = key;
    metrics
        .gauge("clc_instances", "Instances that are known, by zone and state.",
               {{"zone", zone.value}, {"state", std::string(to_string(state))}})
        .set(static_cast<double>(count));
  }
}

common::awaitable<void> keep_publishing(common::Runtime& runtime, const InstanceTable& table,
                                        admin::Metrics& metrics) {
  while (!runtime.stopping()) {
    publish_figures(table, metrics);
    co_await runtime.sleep_for(std::chrono::seconds(1));
  }
}

}  // namespace angophora::clc
