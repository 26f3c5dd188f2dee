using System.Runtime.InteropServices;

namespace Broker.Primitives.Log;

/// <summary>Where an operation stands. Every reader of the log sees the same.</summary>
/// <param name="Offset">Its place in the stream.</param>
/// <param name="Client">Who appended it.</param>
/// <param name="At">When, by the clock of <paramref name="Client"/>.</param>
/// <param name="Fence">The number of the hold under which it was appended.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct LogPlace(long Offset, Guid Client, DateTimeOffset At, long? Fence);
