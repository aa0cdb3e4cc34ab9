#include "nc/hypervisor/probe_guest.h"

// The firmware loads it at 0x7c00, so addresses are counted from there.
asm(R"(
  .pushsection .rodata
  .intel_syntax noprefix
  .code16
  .balign 16
  .globl angophora_probe_guest
angophora_probe_guest:
  cli
  xor ax, ax
  mov ds, ax
  mov es, ax
  mov ss, ax
  mov sp, 0x7c00
  cld
  # page tables: PML4 at 0x1000, PDPT at 0x2000, PD at 0x3000 with 8 pages of 2 MiB
  mov edi, 0x1000
  mov cr3, edi
  xor eax, eax
  mov ecx, 0xc00
  rep stosd
  mov dword ptr [0x1000], 0x2003
  mov dword ptr [0x2000], 0x3003
  mov edi, 0x3000
  mov eax, 0x83
1:
  mov [di], eax
  add eax, 0x200000
  add di, 8
  cmp di, 0x3040
  jb 1b
  # PAE, long mode enable, then protection and paging at once
  mov eax, 0x20
  mov cr4, eax
  mov ecx, 0xc0000080
  rdmsr
  or ah, 1
  wrmsr
  lgdt [angophora_probe_gdtr - angophora_probe_guest + 0x7c00]
  mov eax, cr0
  or eax, 0x80000001
  mov cr0, eax
  .byte 0xea
  .word angophora_probe_long - angophora_probe_guest + 0x7c00, 8
angophora_probe_gdt:
  .quad 0
  .quad 0x00209a0000000000
  .quad 0x0000920000000000
angophora_probe_gdtr:
  .word angophora_probe_gdtr - angophora_probe_gdt - 1
  .long angophora_probe_gdt - angophora_probe_guest + 0x7c00
  .code64
angophora_probe_long:
  mov eax, 16
  mov ds, eax
  mov es, eax
  mov ss, eax
  xor eax, eax
  cpuid
  # fill 8 MiB and add them up, twice
  mov ebx, 2
2:
  mov edi, 0x400000
  mov ecx, 0x100000
  mov eax, ebx
  rep stosq
  mov esi, 0x400000
  mov ecx, 0x100000
  xor edx, edx
3:
  add rdx, [rsi]
  add rsi, 8
  dec ecx
  jnz 3b
  dec ebx
  jnz 2b
  mov al, 0x10
  out 0xf4, al
4:
  hlt
  jmp 4b
  .org angophora_probe_guest + 510
  .word 0xaa55
  .att_syntax prefix
  .popsection
)");

extern "C" const char angophora_probe_guest[512];

namespace angophora::nc {

std::string probe_guest() { return {angophora_probe_guest, sizeof angophora_probe_guest}; }

}  // namespace angophora::nc
