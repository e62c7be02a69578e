#include "textflag.h"

// STEP multiplies sixteen places of a row with those of the widened vector and
// adds neighbours to the int32 sums in acc.
#define STEP(at, tmp, acc) \
	VPMOVSXBW at(SI), tmp      \
	VPMADDWD  (2*at)(R8), tmp, tmp \
	VPADDD    tmp, acc, acc

// WIDEN puts sixteen places of the vector on the stack as int16, where R8 is
// aligned to the width of a register.
#define WIDEN(at) \
	VPMOVSXBW at(DX), Y0 \
	VMOVDQA   Y0, (2*at)(R8)

// FETCH asks for the row at an offset before it is needed: the vectors of one
// clause are too few for the processor to see that they are read in a row.
#define FETCH(at) \
	PREFETCHT0 at(SI)       \
	PREFETCHT0 (at+64)(SI)  \
	PREFETCHT0 (at+128)(SI) \
	PREFETCHT0 (at+192)(SI)

// func productsAVX2(v *[Size]int8, rows *int8, out *int32, n int)
TEXT ·productsAVX2(SB), NOSPLIT, $544-32
	MOVQ v+0(FP), DX
	MOVQ rows+8(FP), SI
	MOVQ out+16(FP), DI
	MOVQ n+24(FP), CX
	LEAQ 31(SP), R8
	ANDQ $~31, R8
	FETCH(0)
	FETCH(256)
	FETCH(512)
	FETCH(768)
	WIDEN(0)
	WIDEN(16)
	WIDEN(32)
	WIDEN(48)
	WIDEN(64)
	WIDEN(80)
	WIDEN(96)
	WIDEN(112)
	WIDEN(128)
	WIDEN(144)
	WIDEN(160)
	WIDEN(176)
	WIDEN(192)
	WIDEN(208)
	WIDEN(224)
	WIDEN(240)

row:
	TESTQ CX, CX
	JLE   done
	FETCH(1024)
	VPXOR Y0, Y0, Y0
	VPXOR Y1, Y1, Y1
	STEP(0, Y2, Y0)
	STEP(16, Y3, Y1)
	STEP(32, Y4, Y0)
	STEP(48, Y5, Y1)
	STEP(64, Y2, Y0)
	STEP(80, Y3, Y1)
	STEP(96, Y4, Y0)
	STEP(112, Y5, Y1)
	STEP(128, Y2, Y0)
	STEP(144, Y3, Y1)
	STEP(160, Y4, Y0)
	STEP(176, Y5, Y1)
	STEP(192, Y2, Y0)
	STEP(208, Y3, Y1)
	STEP(224, Y4, Y0)
	STEP(240, Y5, Y1)
	VPADDD       Y1, Y0, Y0
	VEXTRACTI128 $1, Y0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0x4E, X0, X1
	VPADDD       X1, X0, X0
	VPSHUFD      $0xB1, X0, X1
	VPADDD       X1, X0, X0
	VMOVD        X0, (DI)
	ADDQ         $256, SI
	ADDQ         $4, DI
	DECQ         CX
	JMP          row

done:
	VZEROUPPER
	RET
