/* The lamp of the DW-45. One tick is 50 ms.
 *
 * 灯的状态机。注意：不要在中断里直接写 GPIO，C 版硬件的红灯和蓝牙共用一个电源域，
 * 在发射的时候切换会让射频灵敏度掉 4 dB。所有变化都在 lamp_tick 里做。
 */
#include <stdbool.h>
#include <stdint.h>

enum lamp_state { LAMP_START, LAMP_OK, LAMP_OFFLINE, LAMP_UPDATE, LAMP_FAULT, LAMP_CLAIM, LAMP_DARK };

/* 16 steps of 100 ms each, lowest bit first. */
static const uint16_t pattern[] = {
    [LAMP_START]   = 0xffff,
    [LAMP_OK]      = 0x0001,
    [LAMP_OFFLINE] = 0x00ff,
    [LAMP_UPDATE]  = 0x5555,
    [LAMP_FAULT]   = 0x0f0f,
    [LAMP_CLAIM]   = 0x3333,
    [LAMP_DARK]    = 0x0000,
};

/* Nobody should be blinded at night: full brightness by day is 200, after dusk 24. */
#define BRIGHT_DAY   200
#define BRIGHT_NIGHT 24

static enum lamp_state state = LAMP_START;
static uint8_t step;

/* A fault wins over everything, except an update: unplugging in the middle of an update was the worse accident. */
void lamp_set(enum lamp_state wanted)
{
    if (state == LAMP_UPDATE && wanted == LAMP_FAULT)
        return;
    state = wanted;
    step = 0;
}

/* Returns the brightness for this tick. night_mode is forced off for ten minutes after the button was pressed. */
uint8_t lamp_tick(bool dusk, bool night_mode)
{
    if (night_mode)
        return 0;
    step = (uint8_t)((step + 1) & 31);
    bool on = (pattern[state] >> (step / 2)) & 1;
    return on ? (dusk ? BRIGHT_NIGHT : BRIGHT_DAY) : 0;
}
