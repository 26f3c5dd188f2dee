namespace Broker.Producer.Cli.Management;

/// <summary>A node of the broker's cluster; sizes in bytes, null where it does not run.</summary>
/// <param name="Name">As in <c>rabbit@host</c>.</param>
/// <param name="Running">Whether it runs.</param>
/// <param name="MemAlarm">Whether it takes no messages for want of memory.</param>
/// <param name="DiskFreeAlarm">Likewise of disk.</param>
/// <param name="MemUsed">The memory that it uses.</param>
/// <param name="MemLimit">That above which the alarm goes off.</param>
/// <param name="DiskFree">What is free on its disk.</param>
/// <param name="DiskFreeLimit">That below which the alarm goes off.</param>
/// <param name="Partitions">The nodes that it does not see, though both run.</param>
internal sealed record NodeState(string Name, bool Running, bool MemAlarm, bool DiskFreeAlarm, long? MemUsed, long? MemLimit, long? DiskFree, long? DiskFreeLimit, string[]? Partitions);
