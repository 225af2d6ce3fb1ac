#ifndef MPUSH_CTOML_H
#define MPUSH_CTOML_H
int ctoml_placeholder(void);
#endif
