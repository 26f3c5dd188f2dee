using System.Reflection;

namespace Broker.Consumer.Handlers;

/// <summary>A reference that nothing serves.</summary>
/// <param name="Wanted">The assembly, in the version or a newer one.</param>
/// <param name="By">The file that refers to it.</param>
/// <param name="Found">The version that is there; null where there is none.</param>
internal sealed record UnresolvedReference(AssemblyName Wanted, string By, Version? Found)
{
    /// <summary>Whether it is what every assembly refers to, so that no package can bring it.</summary>
    public static bool IsTheRuntime(string name) => name is "System.Private.CoreLib" or "System.Runtime" or "netstandard" or "mscorlib";

    public override string ToString()
    {
        var need = $"{By} needs {Wanted.Name} {Wanted.Version}";
        if (IsTheRuntime(Wanted.Name!))
            return $"{need}, which is newer than the .NET {Environment.Version} of this process: build it for net{Environment.Version.ToString(2)}";
        var cure = "publish the DLL (dotnet publish), or build it with <EnableDynamicLoading>true</EnableDynamicLoading>, so that all it needs lies beside it";
        return Found is null ? $"{need}, which is not there: {cure}" : $"{need}, but only {Found} is there: {cure}";
    }
}
