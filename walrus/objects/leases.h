// Blobs that a long answer still reads stay until it is done, though nothing refers to them any
// more. I/O thread only.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

namespace angophora::walrus {

class BlobLeases {
 public:
  using Blobs = std::vector<std::string>;
  // `discard` is called with blobs whose removal waited for a lease.
  void on_released(std::function<void(Blobs)> discard) { discard_ = std::move(discard); }

  // Holds the blobs while the handle lives.
  std::shared_ptr<void> hold(Blobs blobs);
  // Takes those out of `blobs` that are held; they are discarded later.
  void defer(Blobs& blobs);

 private:
  struct State {
    int holders = 0;
    bool unwanted = false;
  };
  void release(const Blobs& blobs);
  std::map<std::string, State> held_;
  std::function<void(Blobs)> discard_;
};

}  // namespace angophora::walrus
