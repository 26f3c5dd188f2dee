using System.Globalization;

namespace Broker.Tests.Chaos;

/// <summary>Writes a line for each fault to the file that BROKER_CHAOS_TABLE names, where it does.</summary>
public sealed class FaultTable
{
    private readonly string? _path = Environment.GetEnvironmentVariable("BROKER_CHAOS_TABLE");

    /// <summary>Notes a fault that could not be inflicted.</summary>
    internal void LeaveOut(Fault fault)
    {
        if (!string.IsNullOrEmpty(_path))
            File.AppendAllLines(_path, [$"{fault.Name,-28} {fault.LeftOut}"]);
    }

    internal void Add(Fault fault, TimeSpan lasted, Ledger ledger)
    {
        if (string.IsNullOrEmpty(_path))
            return;
        var line = string.Create(
            CultureInfo.InvariantCulture,
            $"{fault.Name,-28} {lasted.TotalSeconds,7:0.0} {ledger.Jobs,7} {ledger.Lost,5} {ledger.Doubled,8} {ledger.RunTwice,10} {ledger.Recovery.TotalSeconds,9:0.0}");
        File.AppendAllLines(_path, [line]);
    }
}
