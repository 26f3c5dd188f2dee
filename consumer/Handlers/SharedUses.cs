using System.Reflection;
using System.Runtime.Loader;
using Broker.Contracts;

namespace Broker.Consumer.Handlers;

/// <summary>
/// Checks what a handler DLL and its dependencies use of our assemblies, in two cases that the versions do not tell: they were compiled against a newer
/// version of a shared assembly; or the DLL has a newer framework assembly alone, whose types ours show under the same names. Unchecked, either
/// is a MissingMethodException of a running job.
/// </summary>
internal static class SharedUses
{
    /// <exception cref="InvalidConfigurationException">Something is used that ours does not have.</exception>
    public static void Check(AssemblyLoadContext context, string dll, ReferenceWalk walk, DependencyPlaces places)
    {
        var replaced = walk.Replaced;
        foreach (var file in walk.Own.Values.Prepend(dll))
        {
            var newer = walk.AgainstNewer.Contains(file);
            if (!newer && replaced.Count == 0)
                continue;
            var module = context.LoadFromAssemblyPath(file).ManifestModule;
            foreach (var token in AssemblyFile.UsesOf(file, name => (newer && DependencyPlaces.IsShared(name)) || (!walk.Own.ContainsKey(name) && places.OursRefersTo(name, replaced))))
                Resolve(module, token, file);
        }
    }

    private static void Resolve(Module module, int token, string file)
    {
        try
        {
            module.ResolveMember(token);
        }
        catch (Exception e) when (e is MissingMemberException or TypeLoadException or FileNotFoundException)
        {
            throw new InvalidConfigurationException(
                $"{Path.GetFileName(file)} does not fit the .NET {Environment.Version} of this process ({e.Message}): take versions {Environment.Version.Major}.x of the System.* and Microsoft.Extensions.* packages that it brings", e);
        }
    }
}
