using System.CommandLine;
using Broker.Benchmarks;
using Broker.Benchmarks.Processes;
using Broker.CommandLine;
using Broker.Contracts;

var timeToStopWorkers = TimeSpan.FromSeconds(30);

// Before anything is loaded: measures the cost of an empty .NET process.
if (args is [ColdStart.DoNothing])
    return ExitCodes.Success;
try
{
    var parsed = BenchmarkCommand.Create().Parse(args);
    if (parsed.Errors.Count > 0 && parsed.Action is not HelpPage)
        return ErrorReport.WriteUsage(parsed);
    return await parsed.InvokeAsync(new() { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = timeToStopWorkers });
}
catch (Exception e)
{
    return ErrorReport.Write(e, "benchmarks", debug: e is not (BrokerException or OperationCanceledException));
}
